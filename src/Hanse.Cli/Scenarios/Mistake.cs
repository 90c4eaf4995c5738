namespace Hanse.Cli.Scenarios;

/// <summary>One thing that is wrong with a file.</summary>
/// <param name="File">As the user called it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Text">The field, what is wrong and what is allowed.</param>
internal sealed record Mistake(string File, long Line, long Column, string Text)
{
    /// <summary>As editors and people expect it: <c>file:line:column: text</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Text}";
}
