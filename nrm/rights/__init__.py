"""Who may see what and who may do what, gathered from the policies of all apps: checked at the start, shown to all."""
