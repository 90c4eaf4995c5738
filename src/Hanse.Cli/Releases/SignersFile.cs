using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Cli.Keys;
using Hanse.Core.Strategy;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Releases;

/// <summary>A file that says who signs orders of rollouts.</summary>
/// <remarks>
/// One word or key a line: <c>usual N</c> and <c>faster N</c> say how many keys an order takes that goes no
/// faster than the standard lane, and one that does; every other line is a public key as
/// <c>hanse key new</c> writes it. What follows a <c>#</c> is for people.
/// </remarks>
internal static class SignersFile
{
    private const int LineMax = 256;
    private const int LinesMax = 200;

    /// <summary>The option that names it.</summary>
    public static Option<string?> Option() => new("--signers")
    {
        Description = "Who signs orders of rollouts: a file with the public keys of 'hanse key new', one a "
            + "line, and with lines such as 'usual 1' and 'faster 2' that say how many it takes. Without it "
            + "nobody can order one while this runs.",
        HelpName = "FILE",
    };

    /// <summary>Reads it.</summary>
    /// <param name="path">The file; null when there is none.</param>
    /// <param name="error">Is told what is wrong with it.</param>
    /// <returns>Null when something is.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static OperatorKeys? Read(string? path, TextWriter error)
    {
        if (path is null)
        {
            return OperatorKeys.None;
        }

        List<byte[]> keys = [];
        (int usual, int faster, int number) = (1, 2, 0);
        foreach (string line in File.ReadLines(path).Take(LinesMax))
        {
            number++;
            string text = line.Split('#')[0].Trim();
            string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case ["usual", var count] when TryCount(count, out usual):
                case ["faster", var more] when TryCount(more, out faster):
                    break;
                default:
                    // What it is instead is not said: it might be a secret.
                    if (text.Length > LineMax || File.Exists(text)
                        || !KeyFile.TryReadPublic(text, out TrustKey? key, out _))
                    {
                        error.WriteLine($"hanse: line {number} of '{path}' is neither a public key "
                            + "(name+id+base64) nor 'usual N' nor 'faster N'");
                        return null;
                    }

                    keys.Add(key.Raw!);
                    break;
            }
        }

        var signers = new OperatorKeys([.. keys], usual, faster);
        bool isTwice = keys.Select(Convert.ToHexString).Distinct().Count() < keys.Count;
        if (!signers.IsAsked || !signers.IsSound || isTwice)
        {
            error.WriteLine($"hanse: '{path}' has {keys.Count} keys, {usual} usual and {faster} faster; it "
                + $"takes 1 to {OperatorKeys.KeysMax} different keys, and 1 <= usual <= faster <= the number "
                + "of keys");
            return null;
        }

        return signers;
    }

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
