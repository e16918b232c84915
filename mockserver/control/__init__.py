"""Control API below `/_mock`, and the dashboard. Imported with its first request: Connexion would slow down startup."""
