using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>What a tidy test found.</summary>
internal static class Findings
{
    /// <summary>Nothing was found; else all of it is shown, one a line.</summary>
    public static void None(IEnumerable<string?> found)
    {
        string[] all = [.. found.Select(finding => finding ?? "?")];
        Assert.True(all.Length == 0,
            $"{all.Length} found:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
