using System;
using System.IO;

namespace Hanse.IO.Tests.Wire;

/// <summary>Where the published protocol lies.</summary>
internal static class ProtocolFolder
{
    /// <summary>docs/protocol of the repository these tests were built in.</summary>
    internal static string Path => System.IO.Path.Combine(Root(), "docs", "protocol");

    internal static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Hanse.slnx")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("no Hanse.slnx above the tests");
    }
}
