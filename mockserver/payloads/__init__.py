"""Generation of realistic, valid values for the schemas of the contract. Read `compiler.py` first."""

from mockserver.payloads.gaps import Gap, find_gaps
from mockserver.payloads.generator import Generator, Payloads
from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.vocabulary import Vocabulary, VocabularyError, load_vocabulary

__all__ = [
    "Gap",
    "Generator",
    "PayloadError",
    "Payloads",
    "Vocabulary",
    "VocabularyError",
    "find_gaps",
    "load_vocabulary",
]
