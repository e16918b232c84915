"""Small functions that break something: each makes a change that the table of `mutants` puts between client and fake.

`answers` changes single answers, `lists` which records are listed, `access` who is let in, `writes` what is kept.
"""
