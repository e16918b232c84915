"""`--reload`: contract and fixtures are read anew when their files change, while requests are answered.

Without the setting nothing of this is loaded.
"""
