"""The tour of the console: a tenant worth looking at, and the pictures of it in docs/tour.md."""
