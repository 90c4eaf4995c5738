using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Hanse.Server.Operations;

/// <summary>What a .proto file says about its names, which is not in what is compiled of it.</summary>
/// <remarks>Reads the form in which our own file is written: a comment is the lines directly above a name, a
/// line has one name, and blocks are indented. Names are as in descriptors, without the package:
/// <c>Operations.GetHub</c>, <c>Hub.epoch</c>.</remarks>
internal sealed class ProtoComments
{
    private readonly Dictionary<string, string> _comments = [];

    private void Read(IEnumerable<string> lines)
    {
        var scope = new Stack<string>();
        var comment = new StringBuilder();
        foreach (string whole in lines)
        {
            string line = whole.Trim();
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                _ = comment.Append(comment.Length > 0 ? " " : "").Append(line[2..].Trim());
                continue;
            }

            if (NameOf(line) is { } name)
            {
                _comments[string.Join('.', [.. Upwards(scope), name])] = comment.ToString();
                if (line.EndsWith('{'))
                {
                    scope.Push(name);
                }
            }
            else if (line == "}")
            {
                _ = scope.Pop();
            }

            _ = comment.Clear();
        }
    }

    /// <summary>Reads the comments of files.</summary>
    public static ProtoComments Read(params ReadOnlySpan<string> files)
    {
        var comments = new ProtoComments();
        foreach (string file in files)
        {
            using Stream stream = typeof(ProtoComments).Assembly.GetManifestResourceStream(file)!;
            using var reader = new StreamReader(stream);
            comments.Read(reader.ReadToEnd().Split('\n'));
        }

        return comments;
    }

    /// <summary>What is said about a name; empty when nothing is.</summary>
    /// <param name="fullName">As in a descriptor.</param>
    public string Of(string fullName) =>
        _comments.GetValueOrDefault(fullName["hanse.v1.".Length..], "");

    private static string[] Upwards(Stack<string> scope)
    {
        string[] names = [.. scope];
        Array.Reverse(names);
        return names;
    }

    private static string? NameOf(string line)
    {
        string[] words = line.Split(
            [' ', '(', ';', '='], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            ["service" or "message" or "enum" or "rpc", var name, ..] => name.TrimEnd('{', '}'),
            ["syntax" or "package" or "import" or "option" or "}", ..] or [] => null,
            ["repeated", _, var name, ..] => name,
            [var name, var number] when int.TryParse(number, out _) => name,
            [_, var name, ..] => name,
            _ => null,
        };
    }
}
