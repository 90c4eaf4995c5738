using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;

namespace Hanse.IO.Cores;

/// <summary>Where an image lies.</summary>
/// <param name="Slot"><c>a</c> or <c>b</c>; <c>-</c> for what the agent was installed with.</param>
/// <param name="Image">Its measurement; zero for what the agent was installed with, which is measured when it
/// is started.</param>
public readonly record struct CorePlace(char Slot, Digest Image)
{
    /// <summary>What the agent was installed with.</summary>
    public static CorePlace Installed { get; } = new('-', default);
}

/// <summary>Which image an agent is started from.</summary>
/// <param name="Proven">The one that works.</param>
/// <param name="Before">The one that worked before it.</param>
/// <param name="Trial">The one that is to show that it does; null when none is.</param>
/// <param name="Starts">How often that was started; counted before each start.</param>
/// <param name="IsHeard">Whether its hub has answered it.</param>
/// <param name="Until">By when its hub has to, seconds since 1970 by this machine's clock.</param>
/// <param name="GivenUp">The one that was given up last; zero for none.</param>
public sealed record CoreChoice(
    CorePlace Proven, CorePlace Before, CorePlace? Trial, int Starts, bool IsHeard, long Until,
    Digest GivenUp)
{
    /// <summary>That of an agent that was never ordered another core.</summary>
    public static CoreChoice Installed { get; } = new(
        CorePlace.Installed, CorePlace.Installed, null, 0, false, 0, default);

    /// <summary>The trial is over, and what was before goes on.</summary>
    public CoreChoice WithoutTrial() => this with
    {
        Trial = null,
        Starts = 0,
        IsHeard = false,
        Until = 0,
        GivenUp = Trial?.Image ?? GivenUp,
    };
}

/// <summary>The slots of an agent: two images on its disk, and which of them it is started from.</summary>
/// <remarks>
/// <code>
/// core/a, core/b   images, all of their files
/// core/which       one line: the choice
/// core/alive       a number that changes while what runs is alive
/// </code>
/// What is here is what starts images and images have to agree on, and so it changes with the version of that
/// agreement only (<see cref="Hanse.Core.Skills.CoreBay.Abi"/>). A choice is replaced as a whole, and is on
/// the disk when a call returns. One that cannot be read is none: then the agent is started from what it was
/// installed with.
/// </remarks>
public sealed class CoreSlots
{
    /// <summary>How a process says with its end that it is to be started anew, in what was chosen.</summary>
    public const int AgainCode = 75;

    private const string Version = "1";

    private readonly string _path;

    private CoreSlots(string path) => _path = path;

    /// <summary>Opens the slots of an agent's folder, or makes them.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    public static CoreSlots Open(string folder) =>
        new(Directory.CreateDirectory(Path.Combine(folder, "core")).FullName);

    /// <summary>Where the number is that changes while what runs is alive.</summary>
    public string AliveFile => Path.Combine(_path, "alive");

    /// <summary>The folder of a slot.</summary>
    public string FolderOf(char slot) => slot is 'a' or 'b' ? Path.Combine(_path, slot.ToString())
        : throw new ArgumentOutOfRangeException(nameof(slot), slot, "a slot is a or b");

    /// <summary>The choice.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public CoreChoice Read()
    {
        string file = Path.Combine(_path, "which");
        return File.Exists(file) && Parse(File.ReadAllText(file)) is { } choice
            ? choice : CoreChoice.Installed;
    }

    /// <summary>Chooses.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public void Write(CoreChoice choice)
    {
        string file = Path.Combine(_path, "which");
        using (var stream = new FileStream(file + ".new", FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.ASCII.GetBytes(Text(choice)));
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>The slot that nothing is started from.</summary>
    public static char Free(CoreChoice choice) => choice.Proven.Slot == 'a' ? 'b' : 'a';

    /// <summary>Puts an image into a slot, file by file; all or nothing, and on the disk when it
    /// returns.</summary>
    /// <param name="slot">Which; nothing must be started from it.</param>
    /// <param name="image">The image.</param>
    /// <param name="contentOf">The bytes of a file, of which nothing need be verified.</param>
    /// <exception cref="IOException">It cannot be written, or is not the image.</exception>
    public void Put(char slot, CoreImage image, Func<CoreFile, ReadOnlyMemory<byte>> contentOf)
    {
        string made = FolderOf(slot) + ".new";
        Remove(made);
        foreach (CoreFile file in image.Files)
        {
            string path = Path.Combine(made, file.Name);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                UnixFileMode runs = file.Name == CoreImage.Program ? UnixFileMode.UserExecute : default;
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | runs;
            }

            using var stream = new FileStream(path, options);
            stream.Write(contentOf(file).Span);
            stream.Flush(flushToDisk: true);
        }

        if (CoreImage.Of(made).Digest != image.Digest)
        {
            throw new IOException($"'{made}' is not what was put there");
        }

        Remove(FolderOf(slot));
        Directory.Move(made, FolderOf(slot));
    }

    /// <summary>Whether what lies somewhere is what it was.</summary>
    public bool IsWhole(CorePlace place)
    {
        try
        {
            return place.Slot == '-' || CoreImage.Of(FolderOf(place.Slot)).Digest == place.Image;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(CoreChoice choice) => string.Join(' ',
    [
        Version, Text(choice.Proven), Text(choice.Before), choice.Trial is { } trial ? Text(trial) : "none",
        Text(choice.Starts), choice.IsHeard ? "heard" : "unheard", Text(choice.Until),
        choice.GivenUp.ToString(), "end\n",
    ]);

    private static string Text(CorePlace place) => $"{place.Slot}:{place.Image}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static CoreChoice? Parse(string text)
    {
        string[] words = text.TrimEnd('\n').Split(' ');
        return words.Length == 9 && words[0] == Version && words[8] == "end"
            && Place(words[1]) is { } proven && Place(words[2]) is { } before
            && (words[3] == "none" || Place(words[3]) is not null)
            && int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out int starts)
            && words[5] is "heard" or "unheard"
            && long.TryParse(words[6], NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && DigestOf(words[7]) is { } failed
            ? new CoreChoice(
                proven, before, words[3] == "none" ? null : Place(words[3]), starts, words[5] == "heard",
                until, failed)
            : null;
    }

    private static CorePlace? Place(string text) =>
        text.Length > 2 && text[0] is 'a' or 'b' or '-' && text[1] == ':' && DigestOf(text[2..]) is { } image
            ? new CorePlace(text[0], image) : null;

    private static Digest? DigestOf(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit)
        ? Digest.From(Convert.FromHexString(text)) : null;
}
