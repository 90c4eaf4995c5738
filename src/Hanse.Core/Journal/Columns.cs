namespace Hanse.Core.Journal;

/// <summary>Placeholder of the packed form of observations.</summary>
public static class Columns
{
}
