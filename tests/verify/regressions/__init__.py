"""Regressions that a release of Enspace could bring, written from the documentation and not from the checks.

`regression` is their form, `sending`, `answering`, `listing` and `storing` change requests, answers, lists and stored
records; `half_a` and `half_b` are the two halves of the set. Half B is for measuring only: whoever works on `verify`
does not read it. `third` is a later set of fifty by the same rules, which was complete before the first run.
"""
