using System;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.World;

/// <content>What has become of the world, to be kept; and what it can be asked for.</content>
internal sealed partial class FleetWorld : IShapedState
{
    /// <inheritdoc/>
    /// <remarks>What scenario and seed decide is drawn again. What was scheduled is the owner's.</remarks>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("world", 7);
        byte[] mission = codec.Bytes("mission", MissionKey(), SHA256.HashSizeInBytes);
        if (!mission.AsSpan().SequenceEqual(MissionKey()))
        {
            codec.Refuse("the world is of another mission");
        }

        _now = codec.Integer("now", _now, 0, long.MaxValue);
        Built = codec.Real("built", Built);
        Reals.Expect(ref codec, codec.OpenList("nodes", _truths.Length, _truths.Length), _truths.Length);
        for (int n = 0; n < _truths.Length && !codec.Failed; n++)
        {
            codec.Open("node", 3);
            _truths[n].Shape(ref codec);
            _faceOf[n] = codec.Number("face", _faceOf[n]);
            _hasGoods[n] = codec.Flag("hasGoods", _hasGoods[n]);
            codec.Close();
        }

        codec.CloseList();
        _ore.Shape(ref codec);
        Walk(ref codec, "berths", _berths);
        Walk(ref codec, "faces", _faces);
        codec.Close();
    }

    /// <summary>Whether an order of a node can be carried out at all: it names places that there
    /// are.</summary>
    public bool Knows(int node, Order order)
    {
        RegionBlueprint region = _plan.Regions[_plan.RegionOf(node)];
        return order switch
        {
            Order.Fly fly => region.Chart.Leg(fly.From, fly.To) is not null,
            Order.Extract extract => IsSite(extract.Site) && IsCommodity(extract.Commodity),
            Order.Survey survey => IsSite(survey.Site) && IsCommodity(survey.Commodity),
            Order.Build build => IsSite(build.Site),
            Order.Dock dock => region.Depots.Contains(dock.Depot),
            Order.Load load => region.Depots.Contains(load.Depot),
            Order.Mend mend => mend.Call.IsHelp && mend.Call.Patient.Value > 0
                && mend.Call.Patient.Value <= (uint)_truths.Length,
            Order.Halt => true,
            _ => false,
        };

        bool IsSite(SiteId site) => site.Value > 0 && site.Value <= (uint)region.Plan.Sites.Count;

        static bool IsCommodity(Commodity commodity) =>
            commodity is >= Commodity.Nickel and <= Commodity.Silicate;
    }

    /// <summary>Whether an order is about no more than a machine holds; twice that, since sensors
    /// err.</summary>
    public bool Fits(Order order) => order switch
    {
        Order.Extract extract => extract.Target.Value <= 2 * _plan.Largest.CargoMax.Value,
        Order.Load load => load.Wanted.Value <= 2 * _plan.Largest.CargoMax.Value,
        _ => true,
    };

    private static void Walk<TCodec>(ref TCodec codec, string name, PlaceQueue[][] regions)
        where TCodec : struct, ICodec
    {
        int places = regions.Sum(region => region.Length);
        Reals.Expect(ref codec, codec.OpenList(name, places, places), places);
        foreach (PlaceQueue place in regions.SelectMany(region => region))
        {
            place.Shape(ref codec);
        }

        codec.CloseList();
    }

    // Seed, machines and rocks: with others, what was saved would mean something else.
    private byte[] MissionKey()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(_seed));
        string design = string.Create(CultureInfo.InvariantCulture, $"{_plan.Design}");
        hash.AppendData(Encoding.UTF8.GetBytes(design));
        if (_plan.Growth.Generations > 1)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Text(_scenario.Growth)));
        }

        hash.AppendData(BitConverter.GetBytes(_truths.Length));
        hash.AppendData(BitConverter.GetBytes(_scenario.Sites.Faces));
        hash.AppendData(BitConverter.GetBytes(_scenario.Sites.Tonnes));
        foreach (double[][] region in _trueGrades)
        {
            foreach (double grade in region.SelectMany(site => site))
            {
                hash.AppendData(BitConverter.GetBytes(grade));
            }
        }

        return hash.GetHashAndReset();
    }

    // As a record of release 0.13 wrote itself: its folders are gone on with. What came later is said when it
    // is not as it was then.
    private static string Text(GrowthSection growth) => string.Create(
        CultureInfo.InvariantCulture,
        $"GrowthSection {{ DoublingDays = {growth.DoublingDays}, GenerationDays = {growth.GenerationDays}, "
            + $"Generations = {growth.Generations}, AgeDays = {growth.AgeDays}, "
            + $"Commissions = {growth.Commissions}, GoesOn = {growth.GoesOn}")
        + (growth.BornPercent == 0 ? " }" : string.Create(
            CultureInfo.InvariantCulture, $", BornPercent = {growth.BornPercent} }}"));
}
