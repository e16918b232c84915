"""Changes that break one promise each; the table of `mutants` puts them between client and fake.

`answers` changes single answers, `lists` their records and order, `access` the accepted keys, `writes` the stored
records.
"""
