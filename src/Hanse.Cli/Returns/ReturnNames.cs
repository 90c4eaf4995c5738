using System.Text.Json;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Returns;

/// <summary>Names of kinds as they are typed: <c>stored-rot</c>.</summary>
internal static class ReturnNames
{
    /// <summary>The name of a kind.</summary>
    public static string Of(ReturnKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());
}
