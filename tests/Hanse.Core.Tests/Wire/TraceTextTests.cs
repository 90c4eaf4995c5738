using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Wire;

/// <summary>The trace is canonical text: equal records, equal lines, in every process and for ever.</summary>
public sealed class TraceTextTests
{
    [Fact]
    public void An_award_is_one_line_with_every_field_by_name()
    {
        var award = new Award(
            new ContractId(7),
            new Epoch(2),
            new Request(
                new BountyId(41),
                Commodity.Nickel,
                new DepotId(3),
                Grams.FromTonnes(20),
                Grams.FromTonnes(500),
                Credits.FromWhole(100),
                new Instant(3_600_000_000)),
            new Instant(60_000_000),
            new Instant(1_800_000_000));
        Assert.Equal(
            "award{contract=7 epoch=2 request{bounty=41 commodity=1 depot=3 open=20000000 lot=500000000 "
            + "reserve=100000000 deadline=3600 kind=1 site=0} acceptBy=60 due=1800}",
            Line(award));
    }

    [Fact]
    public void A_frame_shows_lists_nested_records_and_negative_numbers()
    {
        var frame = new Frame(
            Party.Of(new NodeId(5)),
            Party.Of(new RegionId(1)),
            true,
            2,
            9,
            [11, 12],
            [
                new Envelope(2, new DeviationReport(4, [new Deviation(Variable.Wear, new Instant(1_000_000),
                    -3)])),
                new Envelope(3, new CreditsReceived(new TransferId(8))),
            ]);
        Assert.Equal(
            "frame{from{kind=3 number=5} to{kind=2 number=1} hail=1 floor=2 ackThrough=9 "
            + "ackBeyond[n=11 n=12] "
            + "envelopes[envelope{sequence=2 message{deviationReport{plan=4 deviations["
            + "deviation{variable=3 at=1 value=-3}]}}} "
            + "envelope{sequence=3 message{creditsReceived{transfer=8}}}]}",
            Line(frame));
    }

    [Fact]
    public void Bytes_are_shown_in_hexadecimal()
    {
        var plan = new Plan(0, default, default, []);
        string line = Line(new Enrol([0x00, 0x7f, 0xa5], 1, 2, new Grams(3), plan));
        Assert.Equal(
            "enrol{publicKey=007fa5 class=1 generation=2 cargoMax=3 "
            + "plan{number=0 contract=0 arrives=0 tracks[]}}",
            line);
    }

    private static string Line<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        TraceText.Append(buffer, record);
        return Encoding.ASCII.GetString(buffer.Written);
    }
}
