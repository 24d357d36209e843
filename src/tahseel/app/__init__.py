"""The only place that knows everything: settings, commands, processes, the synthetic country."""
