using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>A queue whose order changes with time, beside a list that is sorted anew each time.</summary>
public sealed class UrgencyQueueTests
{
    private static readonly Credits _ageing = Credits.FromWhole(1);

    // Few values, so that there are ties of every kind.
    private static readonly Gen<(uint Node, long Worth, int Day, ulong Tie)> _entries =
        Gen.Select(Gen.UInt[1, 12], Gen.Long[0, 3], Gen.Int[0, 4], Gen.ULong[0, 2]);

    [Fact]
    public void The_most_and_the_least_urgent_are_the_ends_of_a_list_sorted_anew() =>
        Gen.Select(_entries.List[0, 40], Gen.Int[4, 60]).Sample((entries, day) =>
        {
            var queue = new UrgencyQueue();
            var model = new SortedDictionary<uint, (int Class, Instant Oldest, ulong Tie)>();
            Instant now = Instant.Epoch + TimeSpan.FromDays(day);
            foreach ((uint node, long worth, int since, ulong tie) in entries)
            {
                // In; and out when it was in.
                if (model.Remove(node, out var known))
                {
                    queue.Remove(new NodeId(node), known.Class, known.Oldest, known.Tie);
                }
                else
                {
                    model[node] = (
                        Urgency.ClassOf(Credits.FromWhole(10 * worth).Micro),
                        Instant.Epoch + TimeSpan.FromDays(since), tie);
                    queue.Add(new NodeId(node), model[node].Class, model[node].Oldest, tie);
                }

                uint[] order = [.. model
                    .OrderByDescending(one => Urgency.Of(
                        Urgency.ValueOf(one.Value.Class), _ageing, one.Value.Oldest, now))
                    .ThenBy(one => one.Value.Tie).ThenBy(one => one.Key).Select(one => one.Key)];
                Assert.Equal(order.Length == 0, queue.IsEmpty);
                Assert.Equal(order.FirstOrDefault(), queue.Most(now, _ageing)?.Value ?? 0);
                Assert.Equal(order.LastOrDefault(), queue.Least(now, _ageing)?.Value ?? 0);
            }
        });
}
