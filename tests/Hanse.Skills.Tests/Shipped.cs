using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using Hanse.Skills;
using Hanse.Skills.Author;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The skills in this repository, and questions in whole numbers.</summary>
internal static class Shipped
{
    /// <summary>Folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A skill's folder.</summary>
    public static SkillProject Project(string name)
    {
        SkillProject? project = SkillProject.Read(Path.Combine(Root, "skills", name), out string? refusal);
        Assert.True(project is not null, refusal);
        return project;
    }

    /// <summary>A skill's module.</summary>
    public static byte[] Module(string name) => File.ReadAllBytes(Project(name).ModulePath);

    /// <summary>Its cases.</summary>
    public static SkillCase[] Cases(SkillProject project) =>
        [.. project.Cases().Select(one => one.Case ?? throw new InvalidDataException(one.Refusal))];

    /// <summary>Numbers as bytes, each 64 bits and the lowest byte first.</summary>
    public static byte[] Bytes(params long[] numbers)
    {
        byte[] bytes = new byte[8 * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), numbers[i]);
        }

        return bytes;
    }

    /// <summary>Bytes as numbers.</summary>
    public static long[] Numbers(byte[] bytes)
    {
        Assert.Equal(0, bytes.Length % 8);
        long[] numbers = new long[bytes.Length / 8];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8 * i));
        }

        return numbers;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hanse.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("the repository's root");
    }
}
