"""From a failed check to a finding: which side has to change, how certain the contract is, and a proposed change."""
