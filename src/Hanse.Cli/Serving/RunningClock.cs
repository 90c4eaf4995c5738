using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Cli.Serving;

/// <summary>The clock of a mission whose machines are real: it runs on while nobody serves, as theirs
/// do.</summary>
/// <remarks>When the mission began, by the clock on the wall, and its pace are notes of the store and never
/// change: every process that serves it, now or later, shows the same time, and agents are told it with
/// <c>--epoch</c>.</remarks>
internal static class RunningClock
{
    private const string EpochNote = "mission/epoch";

    /// <summary>Whether a mission has such a clock.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static async Task<bool> IsInAsync(IStreamStore store, CancellationToken cancel) =>
        await store.NoteAsync(EpochNote, cancel) is not null;

    /// <summary>Opens it.</summary>
    /// <param name="store">Where its notes are.</param>
    /// <param name="options">How the mission is served.</param>
    /// <param name="shown">What a mission shows that has no such clock yet.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <returns>The clock, and when the mission began.</returns>
    /// <exception cref="StoreException">The store cannot be used, or the mission has another
    /// pace.</exception>
    public static async Task<(MissionClock Clock, DateTimeOffset Epoch)> OpenAsync(
        IStreamStore store, LiveOptions options, Instant shown, CancellationToken cancel)
    {
        string pace = options.Pace.ToString("R", CultureInfo.InvariantCulture);
        string known = await store.NoteAsync("mission/pace", pace, cancel);
        if (known != pace)
        {
            throw new StoreException(
                $"the mission runs at --pace {known}, which is part of its clock: machines rely on it");
        }

        string began = await store.NoteAsync(
            EpochNote,
            (options.Time.GetUtcNow() - ((shown - Instant.Epoch) / options.Pace)).ToString("O"), cancel);
        var epoch = DateTimeOffset.Parse(began, CultureInfo.InvariantCulture);
        return (new MissionClock(options.Time, epoch, options.Pace), epoch);
    }
}
