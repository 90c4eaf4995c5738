using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Time;

namespace Hanse.IO.Journal;

/// <summary>Whether blocks follow each other as <see cref="Block"/> promises: numbers, runs of the machine
/// and time.</summary>
internal sealed class BlockOrder
{
    private Block? _last;
    private Instant _from;

    /// <summary>Begin of the first block and end of the last.</summary>
    public (Instant From, Instant Until)? Span => _last is null ? null : (_from, _last.LastAt);

    /// <summary>What is wrong with a block after those before it.</summary>
    public IEnumerable<string> Judge(Block block, ulong number)
    {
        var reasons = new List<string>();
        if (block.Number != number)
        {
            reasons.Add($"it is numbered {block.Number}: blocks are missing, repeated or exchanged");
        }

        if (_last is { } last)
        {
            if (block.Boot < last.Boot)
            {
                reasons.Add($"it is of boot {block.Boot}, after one of boot {last.Boot}");
            }

            // A clock that was set says so at the end of the one block or at the beginning of the other.
            if (block.From < last.LastAt && !Steps(last) && !Steps(block))
            {
                reasons.Add($"it begins at {block.From}, before the last one ends at {last.LastAt}, "
                    + "and no step of the clock says why");
            }
        }
        else
        {
            _from = block.From;
        }

        foreach (Entry.Booted booted in block.Entries.Select(stamped => stamped.Entry).OfType<Entry.Booted>())
        {
            if (booted.Boot != block.Boot)
            {
                reasons.Add($"it says that boot {booted.Boot} began, and is of boot {block.Boot}");
            }
        }

        _last = block;
        return reasons;
    }

    private static bool Steps(Block block) =>
        block.Entries.Any(stamped => stamped.Entry is Entry.ClockStepped);
}
