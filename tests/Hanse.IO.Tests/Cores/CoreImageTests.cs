using System;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Wire;
using Hanse.IO.Cores;
using Xunit;

namespace Hanse.IO.Tests.Cores;

/// <summary>What a machine measures of what it runs.</summary>
public sealed class CoreImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-core-").FullName;

    public CoreImageTests()
    {
        Put("Hanse.Core.dll", "decides");
        Put("hanse.dll", "carries out");
        Put("runtimes/linux-x64/native/libsand.so", "boxes");
        Put("hanse.runtimeconfig.json", "{}");
        Put("hanse", "starts");
        Put("scenarios/first.yaml", "days: 1");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_measurement_is_of_names_lengths_and_contents_in_one_order()
    {
        var image = CoreImage.Of(_folder);
        Assert.Equal(
            [
                "Hanse.Core.dll", "hanse", "hanse.dll", "hanse.runtimeconfig.json",
                "runtimes/linux-x64/native/libsand.so", "scenarios/first.yaml",
            ],
            image.Files.Select(file => file.Name));
        Assert.Equal(
            new CoreFile("Hanse.Core.dll", 7, Digest.Of(Encoding.ASCII.GetBytes("decides"))), image.Files[0]);

        // By hand, once: what anybody else has to compute. An array of format and files; each an array of
        // name, length, digest.
        byte[] list = CborWriter.Bytes(image);
        Assert.Equal([0x82, 0x01, 0x86, 0x83, 0x4e], list[..5]);
        Assert.Equal("Hanse.Core.dll", Encoding.ASCII.GetString(list, 5, 14));
        Assert.Equal([0x07, 0x58, 0x20], list[19..22]);
        Assert.Equal(Digest.Of(list), image.Digest);
        Assert.Equal(image.Digest, CoreImage.Read(list, out _)!.Digest);
    }

    [Fact]
    public void One_bit_one_name_or_one_file_more_makes_another_and_what_is_for_people_does_not()
    {
        Digest before = CoreImage.Of(_folder).Digest;
        Put("Hanse.Core.pdb", "symbols");
        Put("Hanse.Core.xml", "documentation");
        Assert.Equal(before, CoreImage.Of(_folder).Digest);
        Put("Hanse.Core.dll", "decidet");
        Digest bit = CoreImage.Of(_folder).Digest;
        Put("Hanse.Core.dll", "decides");
        File.Move(Path.Combine(_folder, "hanse.dll"), Path.Combine(_folder, "hansa.dll"));
        Digest name = CoreImage.Of(_folder).Digest;
        File.Move(Path.Combine(_folder, "hansa.dll"), Path.Combine(_folder, "hanse.dll"));
        Put("one-more.json", "");
        Digest more = CoreImage.Of(_folder).Digest;
        Assert.Equal(4, new[] { before, bit, name, more }.Distinct().Count());
    }

    [Theory]
    [InlineData("../outside.dll")]
    [InlineData("/etc/passwd.dll")]
    [InlineData("a//b.dll")]
    [InlineData("./b.dll")]
    [InlineData("b\\c.dll")]
    [InlineData("b c.dll")]
    [InlineData("")]
    public void A_list_with_a_name_that_leads_elsewhere_is_none(string name)
    {
        var list = new CoreImage([new CoreFile(name, 1, default)]);
        Assert.Null(CoreImage.Read(CborWriter.Bytes(list), out string? refusal));
        Assert.NotNull(refusal);
    }

    [Fact]
    public void A_list_out_of_order_or_with_a_name_twice_is_none()
    {
        var one = new CoreFile("a.dll", 1, default);
        var two = new CoreFile("b.dll", 1, default);
        Assert.NotNull(CoreImage.Read(CborWriter.Bytes(new CoreImage([one, two])), out _));
        Assert.Null(CoreImage.Read(CborWriter.Bytes(new CoreImage([two, one])), out _));
        Assert.Null(CoreImage.Read(CborWriter.Bytes(new CoreImage([one, one])), out _));
    }

    [Fact]
    public void A_folder_with_nothing_that_runs_is_refused()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        Assert.Contains("no image", Assert.Throws<IOException>(() => CoreImage.Of(empty)).Message);
    }

    [Fact]
    public void This_process_measures_what_it_was_started_from()
    {
        var image = CoreImage.OfThisProcess();
        CoreFile core = Assert.Single(image.Files, file => file.Name == "Hanse.Core.dll");
        byte[] bytes = File.ReadAllBytes(typeof(Digest).Assembly.Location);
        Assert.Equal((bytes.Length, Digest.Of(bytes)), (core.Length, core.Content));
    }

    private void Put(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
