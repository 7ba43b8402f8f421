"""The verdicts under the interface of Google's Fact Check Tools API, for clients that were written for it.

https://developers.google.com/fact-check/tools/api/reference/rest/v1alpha1/claims/search · errors:
https://google.aip.dev/193 · system parameters: https://cloud.google.com/apis/docs/system-parameters ·
discovery: https://developers.google.com/discovery/v1/reference/apis

`parameters` reads what is asked, `search` finds it, `fields` cuts the answer to a field mask, `discovery`
describes all this to programs, `errors` says what was wrong, and `views` answers. What a claim and its
reviews look like is said once, in `discovery.SCHEMAS`.
"""
