"""What every page of the console is made of: lists, forms, dialogs, change history (screens §1.4, docs/console.md)."""
