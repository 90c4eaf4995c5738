using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Cli.Returns;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Views;

/// <summary>The score of one kind, as it is printed.</summary>
internal sealed record ReturnScoreView
{
    /// <summary>Which kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether nothing may be held against it.</summary>
    public required bool IsHonest { get; init; }

    /// <summary>Whether every one must be caught.</summary>
    public required bool MustBeCaught { get; init; }

    /// <summary>Cases played.</summary>
    public required long Cases { get; init; }

    /// <summary>Returns judged.</summary>
    public required long Returns { get; init; }

    /// <summary>Cases that were quarantined: detections of bad nodes, false quarantines of honest
    /// ones.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Cases that were taken with corrections.</summary>
    public required long Corrected { get; init; }

    /// <summary>Cases that were taken as they are.</summary>
    public required long Accepted { get; init; }

    /// <summary>Share quarantined.</summary>
    public required double Rate { get; init; }

    /// <summary>Wilson's interval of it at 95 %.</summary>
    public required double Low { get; init; }

    /// <summary>Its upper end.</summary>
    public required double High { get; init; }

    /// <summary>What the formula of the audit predicts of that; null for other kinds.</summary>
    public required double? Predicted { get; init; }

    /// <summary>Quarantined cases by layer.</summary>
    public required ImmutableSortedDictionary<string, long> Layers { get; init; }

    /// <summary>Cases by reason.</summary>
    public required ImmutableSortedDictionary<string, long> Reasons { get; init; }

    /// <summary>Detection by severity: the lower end of each step of a factor of two.</summary>
    public required ImmutableArray<SeverityView> BySeverity { get; init; }

    /// <summary>State errors of cases that were not quarantined.</summary>
    public required ImmutableArray<StateErrorView> Errors { get; init; }

    /// <summary>Seeds that ended other than they must.</summary>
    public required ImmutableArray<ulong> Wrong { get; init; }

    /// <summary>The view of a score.</summary>
    public static ReturnScoreView Of(ReturnScore score) => new()
    {
        Kind = ReturnNames.Of(score.Kind),
        IsHonest = score.Kind.IsHonest(),
        MustBeCaught = score.Kind.MustBeCaught(),
        Cases = score.Cases,
        Returns = score.Returns,
        Quarantined = score.Quarantined,
        Corrected = score.Corrected,
        Accepted = score.Accepted,
        Rate = score.Detection.Rate,
        Low = score.Detection.Low,
        High = score.Detection.High,
        Predicted = score.Predicted > 0 ? score.Predicted / score.Cases : null,
        Layers = score.Layers.ToImmutableSortedDictionary(pair => pair.Key.ToString(), pair => pair.Value),
        Reasons = score.Reasons.ToImmutableSortedDictionary(pair => pair.Key.ToString(), pair => pair.Value),
        BySeverity = [.. score.BySeverity.Select(pair => new SeverityView(
            System.Math.Pow(2, pair.Key), pair.Value.Hits, pair.Value.Trials))],
        Errors = [.. StateErrorView.Of(score.Errors)],
        Wrong = [.. score.Wrong],
    };
}

/// <summary>Detection of cases from one severity to twice that.</summary>
internal sealed record SeverityView(double From, long Detected, long Cases);

/// <summary>Errors of one state over cases: median and 99 %.</summary>
internal sealed record StateErrorView(
    string State, string Unit, int Cases, double ClaimedP50, double ClaimedP99, double CorrectedP50,
    double CorrectedP99)
{
    /// <summary>One for each state of which there are errors.</summary>
    public static IEnumerable<StateErrorView> Of(StateErrors errors)
    {
        (string State, string Unit, IReadOnlyList<StateError> Errors)[] all =
        [
            ("cargo delivered", "%", errors.CargoPercent),
            ("propellant", "%", errors.PropellantPercent),
            ("wear", "%", errors.WearPercent),
            ("position", "m", errors.PositionMetres),
        ];
        foreach ((string state, string unit, IReadOnlyList<StateError> list) in all)
        {
            if (list.Count > 0)
            {
                StateError p50 = StateErrors.Quantile(list, 0.5);
                StateError p99 = StateErrors.Quantile(list, 0.99);
                yield return new StateErrorView(state, unit, list.Count, p50.Claimed, p99.Claimed,
                    p50.Corrected, p99.Corrected);
            }
        }
    }
}

/// <summary>Figures of returns as JSON, in the order and the camel case of their records.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ImmutableArray<ReturnScoreView>))]
[JsonSerializable(typeof(ReturnCostView))]
internal sealed partial class ReturnJson : JsonSerializerContext
{
    /// <summary>Scores as one JSON list.</summary>
    public static string Write(ImmutableArray<ReturnScoreView> scores) =>
        JsonSerializer.Serialize(scores, Default.ImmutableArrayReturnScoreView);

    /// <summary>The cost of a return as one JSON object.</summary>
    public static string Write(ReturnCostView cost) =>
        JsonSerializer.Serialize(cost, Default.ReturnCostView);
}

/// <summary>The cost of a return and, if asked for, its airtime.</summary>
internal sealed record ReturnCostView(ReturnFigures Figures, ImmutableArray<AirtimeLine> Airtime);
