"""What sees every request and response of a run: the log, the monitor, promises of single answers, trouble."""
