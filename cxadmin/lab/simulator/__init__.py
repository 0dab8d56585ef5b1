"""The identity provider simulator: plays the documented request sequences of Okta and Entra ID against a SCIM service.

`wire` sends requests, `sign_in` gets tokens as a person at a browser does, `okta` and `entra` know what their provider sends
and when, `play` goes through the steps and reports. `targets` knows where a tenant of this instance is reached and with
which credentials; `jobs` plays in the background for the page and the control API.
"""
