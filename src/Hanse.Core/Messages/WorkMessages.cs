using Hanse.Core.Identity;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What somebody found a site to yield of a commodity, and how sure that is.</summary>
/// <param name="Site">Where.</param>
/// <param name="Commodity">Of what.</param>
/// <param name="Grade">Mass fraction of it in the ore.</param>
/// <param name="Sigma">One standard deviation of that, as a mass fraction too; positive.</param>
public sealed record Finding(SiteId Site, Commodity Commodity, PartsPerMillion Grade, PartsPerMillion Sigma)
    : IShaped<Finding>
{
    /// <summary>All of the ore.</summary>
    public const int GradeMax = 1_000_000;

    /// <inheritdoc/>
    public static Finding Shape<TCodec>(ref TCodec codec, Finding? value)
        where TCodec : struct, ICodec
    {
        codec.Open("finding", 4);
        SiteId site = codec.Site("site", value?.Site ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        int grade = (int)codec.Integer("grade", value?.Grade.Value ?? 0, 0, GradeMax);
        int sigma = (int)codec.Integer("sigma", value?.Sigma.Value ?? 0, 1, GradeMax);
        codec.Close();
        return value ?? new Finding(site, commodity, new PartsPerMillion(grade), new PartsPerMillion(sigma));
    }
}

/// <summary>Node to hub: the survey is made, and this is what it found.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Finding">What was found.</param>
public sealed record SurveyTold(ContractId Contract, Epoch Epoch, Finding Finding)
    : Message, IShaped<SurveyTold>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SurveyTold;

    /// <inheritdoc/>
    public static SurveyTold Shape<TCodec>(ref TCodec codec, SurveyTold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("surveyTold", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Finding finding = Finding.Shape(ref codec, value?.Finding);
        codec.Close();
        return value ?? new SurveyTold(contract, epoch, finding);
    }
}
