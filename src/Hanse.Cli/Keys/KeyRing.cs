using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Keys;

/// <summary>Private keys that a command was given.</summary>
internal sealed class KeyRing : IDisposable
{
    private readonly List<KeyFile> _files = [];

    /// <summary>The keys.</summary>
    public IReadOnlyList<SigningKey> Keys => [.. _files.Select(file => file.Key)];

    /// <summary>The option that takes them.</summary>
    public static Option<string[]> Option() => new("--key")
    {
        Description = "A private key to sign with; may be given several times. It signs what its roles have "
            + "to sign, and nothing else.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Opens them all.</summary>
    /// <returns>False when one is refused, which has been said.</returns>
    /// <exception cref="IOException">One cannot be read.</exception>
    public bool TryOpen(IEnumerable<string> paths, TextWriter error)
    {
        foreach (string path in paths)
        {
#pragma warning disable CA2000 // The ring disposes of all that it holds.
            var file = KeyFile.Read(path, out string? reason);
#pragma warning restore CA2000
            if (file is null)
            {
                error.WriteLine($"hanse: {reason}");
                return false;
            }

            _files.Add(file);
        }

        return true;
    }

    /// <summary>Reads public keys.</summary>
    /// <returns>Null when one is refused, which has been said.</returns>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static IReadOnlyList<TrustKey>? Public(IEnumerable<string> texts, TextWriter error)
    {
        List<TrustKey> keys = [];
        foreach (string text in texts)
        {
            if (!KeyFile.TryReadPublic(text, out TrustKey? key, out string? reason))
            {
                error.WriteLine($"hanse: {reason}");
                return null;
            }

            keys.Add(key);
        }

        return keys;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KeyFile file in _files)
        {
            file.Dispose();
        }
    }
}
