using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Hanse.Core.Journal;
using Hanse.IO.Cores;
using Xunit;

namespace Hanse.IO.Tests.Cores;

/// <summary>What an agent keeps of images, and of which it is started from.</summary>
public sealed class CoreSlotsTests : IDisposable
{
    private static readonly byte[] _content = Encoding.ASCII.GetBytes("decides");

    private static readonly CoreImage _image = new(
    [
        new CoreFile("Hanse.Core.dll", _content.Length, Digest.Of(_content)),
        new CoreFile("hanse", _content.Length, Digest.Of(_content)),
        new CoreFile("runtimes/one/box.so", _content.Length, Digest.Of(_content)),
    ]);

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-slots-").FullName;
    private readonly CoreSlots _slots;

    public CoreSlotsTests() => _slots = CoreSlots.Open(_folder);

    public static TheoryData<int> Torn => [0, 1, 40, 200];

    private string Which => Path.Combine(_folder, "core", "which");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_choice_is_read_as_it_was_made()
    {
        Assert.Equal(CoreChoice.Installed, _slots.Read());
        var a = new CorePlace('a', Digest.Of([1]));
        var b = new CorePlace('b', Digest.Of([2]));
        foreach (CoreChoice choice in (IEnumerable<CoreChoice>)
        [
            new CoreChoice(a, CorePlace.Installed, b, 2, true, 1_900_000_000, Digest.Of([3])),
            new CoreChoice(b, a, null, 0, false, 0, default),
            CoreChoice.Installed,
        ])
        {
            _slots.Write(choice);
            Assert.Equal(choice, CoreSlots.Open(_folder).Read());
        }
    }

    [Fact]
    public void A_trial_that_is_over_is_given_up_and_what_was_proven_stays()
    {
        var a = new CorePlace('a', Digest.Of([1]));
        var b = new CorePlace('b', Digest.Of([2]));
        CoreChoice over = new CoreChoice(a, CorePlace.Installed, b, 3, true, 9, default).WithoutTrial();
        Assert.Equal(new CoreChoice(a, CorePlace.Installed, null, 0, false, 0, b.Image), over);
        Assert.Equal('b', CoreSlots.Free(over));
        Assert.Equal('a', CoreSlots.Free(CoreChoice.Installed));
    }

    [Theory]
    [MemberData(nameof(Torn))]
    public void A_choice_that_cannot_be_read_is_that_of_what_was_installed(int length)
    {
        _slots.Write(new CoreChoice(
            new CorePlace('a', Digest.Of([1])), CorePlace.Installed, null, 0, false, 0, default));
        byte[] bytes = File.ReadAllBytes(Which);
        File.WriteAllBytes(Which, bytes[..Math.Min(length, bytes.Length - 5)]);
        Assert.Equal(CoreChoice.Installed, _slots.Read());
    }

    [Fact]
    public void An_image_is_put_in_place_as_a_whole_and_a_spoilt_one_is_found_out()
    {
        _slots.Put('a', _image, _ => _content);
        var place = new CorePlace('a', _image.Digest);
        Assert.True(_slots.IsWhole(place));
        Assert.Equal(_image.Digest, CoreImage.Of(_slots.FolderOf('a')).Digest);
        Assert.False(_slots.IsWhole(place with { Image = Digest.Of([9]) }));
        Assert.False(_slots.IsWhole(new CorePlace('b', _image.Digest)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(_slots.FolderOf('a'), "hanse"))
                .HasFlag(UnixFileMode.UserExecute));
        }

        string file = Path.Combine(_slots.FolderOf('a'), "runtimes", "one", "box.so");
        File.WriteAllText(file, "decidet");
        Assert.False(_slots.IsWhole(place));
        File.Delete(file);
        Assert.False(_slots.IsWhole(place));
        Assert.True(_slots.IsWhole(CorePlace.Installed));
    }

    [Fact]
    public void What_is_not_the_image_is_not_put_in_place_and_what_was_there_stays()
    {
        _slots.Put('b', _image, _ => _content);
        _ = Assert.Throws<IOException>(() => _slots.Put(
            'b', _image, file => file.Name == "hanse" ? Encoding.ASCII.GetBytes("another") : _content));
        Assert.True(_slots.IsWhole(new CorePlace('b', _image.Digest)));
        _slots.Put('b', _image, _ => _content); // Also when half of another was left behind.
        Assert.True(_slots.IsWhole(new CorePlace('b', _image.Digest)));
    }
}
