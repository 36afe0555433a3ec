"""The analyst's private pages: every exact figure of a period, beside what the panel sees. Never published."""
