using System;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>What a summary costs on the air, and what its bytes may say.</summary>
public sealed class ReturnSummaryTests
{
    private static readonly ReturnSummary _month = ValidationCostTests.Month with
    {
        OldestUnaccepted = Instant.Epoch + TimeSpan.FromDays(700),
        Contracts = Credits.FromWhole(100),
        Claims = Credits.FromWhole(20),
    };

    [Fact]
    public void A_summary_takes_some_fifty_bytes() => Assert.InRange(CborSizer.Of(_month), 40, 60);

    [Fact]
    public void Bytes_that_say_no_block_is_new_are_refused()
    {
        byte[] bytes = Snapshot.Of(_month);
        Assert.True(CborReader.TryRead<ReturnSummary>(bytes, out _, out _));
        byte[] none = Snapshot.Of(_month with { AcceptedSize = _month.JournalSize });
        Assert.False(CborReader.TryRead<ReturnSummary>(none, out _, out DecodeError? error));
        Assert.Contains("no block", error!.Reason, StringComparison.Ordinal);
    }
}
