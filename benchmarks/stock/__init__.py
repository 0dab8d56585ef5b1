"""An application that uses django-scim2 as its documentation says, and nothing more."""
