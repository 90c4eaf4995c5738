using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Estimate;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Simulation.Returns;

/// <summary>One error of one state, before and after the hub's correction.</summary>
/// <param name="Claimed">Of what the node says.</param>
/// <param name="Corrected">Of what the hub takes it for.</param>
public readonly record struct StateError(double Claimed, double Corrected);

/// <summary>How far claims and corrected claims are from the truth, variable by variable.</summary>
/// <remarks>
/// Stock (cargo delivered and propellant) and wear in per cent of the true value at the end of the return;
/// position in metres, at the node's last sighted fix, to be read against the separation that traffic keeps,
/// <see cref="SeparationMetres"/>. A correction of position is not part of a verdict: it is what the hub's
/// own calibration makes of its tracking, the newest fix left out.
/// </remarks>
public sealed class StateErrors
{
    /// <summary>What the traffic of a region keeps between two nodes, in metres.</summary>
    public const double SeparationMetres = 10_000;

    private readonly List<StateError> _cargo = [];
    private readonly List<StateError> _propellant = [];
    private readonly List<StateError> _wear = [];
    private readonly List<StateError> _position = [];

    /// <summary>Cargo delivered in the return, in per cent.</summary>
    public IReadOnlyList<StateError> CargoPercent => _cargo;

    /// <summary>Propellant aboard, in per cent.</summary>
    public IReadOnlyList<StateError> PropellantPercent => _propellant;

    /// <summary>Wear, in per cent of what it is.</summary>
    public IReadOnlyList<StateError> WearPercent => _wear;

    /// <summary>Position along the leg, in metres.</summary>
    public IReadOnlyList<StateError> PositionMetres => _position;

    /// <summary>A quantile of the absolute errors, claimed and corrected.</summary>
    public static StateError Quantile(IReadOnlyList<StateError> errors, double share)
    {
        if (errors.Count == 0)
        {
            return default;
        }

        int at = (int)Math.Min(errors.Count - 1, Math.Floor(share * errors.Count));
        return new StateError(
            errors.Select(error => Math.Abs(error.Claimed)).Order().ElementAt(at),
            errors.Select(error => Math.Abs(error.Corrected)).Order().ElementAt(at));
    }

    /// <summary>Adds the end of a case.</summary>
    internal void Add(ReturnPlayed played)
    {
        NodeJournal journal = played.Case.Journal;
        Level(played, Resource.Propellant, _propellant);
        Level(played, Resource.Wear, _wear);
        double claimed = journal.Life.Records.Weighings.Sum(weighed => (double)weighed.Claimed);
        double truth = journal.Life.Records.Weighings.Sum(weighed => weighed.Truth);
        if (truth > 0)
        {
            _cargo.Add(Percent(claimed, Unbiased(played, Resource.Cargo, claimed), truth));
        }

        Position(played);
    }

    private static void Level(ReturnPlayed played, Resource resource, List<StateError> errors)
    {
        NodeBooks books = played.Case.Journal.Life.Books;
        double claimed = books.Book(resource);
        errors.Add(Percent(claimed, Unbiased(played, resource, claimed), books.Truth(resource)));
    }

    private static double Unbiased(ReturnPlayed played, Resource resource, double claimed) =>
        played.Last.Corrections.FirstOrDefault(correction => correction.Resource == resource)
            is { } correction ? claimed / (1 + (correction.BiasPpm / 1e6)) : claimed;

    private void Position(ReturnPlayed played)
    {
        Seen[] fixes = [.. played.Case.Journal.Life.Records.Seen
            .Where(seen => seen.Variable == Variable.Position && seen.Value >= Sighting.SeenMin)];
        var book = new CalibrationBook(CalibrationRules.Measured);
        foreach (Seen seen in fixes.SkipLast(1))
        {
            book.Apply(new Sighting
            {
                Node = played.Case.Node,
                Variable = Variable.Position,
                At = seen.At,
                Claimed = seen.Claimed,
                Seen = seen.Value,
                Sigma = new PartsPerMillion((int)(seen.Sigma * 1e6)),
            });
        }

        if (fixes.Length > 1)
        {
            Seen last = fixes[^1];
            double mean = book.BiasOf(played.Case.Node, Variable.Position).Mean / 1e6;
            _position.Add(new StateError(
                last.Claimed - last.Truth, (last.Claimed / (1 + mean)) - last.Truth));
        }
    }

    private static StateError Percent(double claimed, double corrected, double truth) =>
        new(100 * ((claimed / truth) - 1), 100 * ((corrected / truth) - 1));
}
