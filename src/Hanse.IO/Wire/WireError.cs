namespace Hanse.IO.Wire;

/// <summary>Why the bytes of a frame were refused.</summary>
/// <param name="Reason">What is wrong, in words for the sender's engineer; names the rule, never the
/// content.</param>
public sealed record WireError(string Reason);
