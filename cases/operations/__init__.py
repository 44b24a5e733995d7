"""What people do with a case: one module per subject, one function per verb."""
