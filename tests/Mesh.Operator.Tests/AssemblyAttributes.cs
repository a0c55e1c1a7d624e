// The embedded API server is Linux's; so are these tests.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
