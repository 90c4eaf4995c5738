namespace Hanse.Core.Messages;

/// <summary>Names the body of an envelope. The numbers are on the wire and are never reused.</summary>
public enum MessageKind
{
    /// <summary><see cref="Messages.Enrol"/>.</summary>
    Enrol = 1,

    /// <summary><see cref="Messages.Enrolled"/>.</summary>
    Enrolled = 2,

    /// <summary><see cref="Messages.RequestForProposals"/>.</summary>
    RequestForProposals = 3,

    /// <summary><see cref="Messages.BidSheet"/>.</summary>
    BidSheet = 4,

    /// <summary><see cref="Messages.Award"/>.</summary>
    Award = 5,

    /// <summary><see cref="Messages.AwardAccepted"/>.</summary>
    AwardAccepted = 6,

    /// <summary><see cref="Messages.ContractReleased"/>.</summary>
    ContractReleased = 7,

    /// <summary><see cref="Messages.PlanRevised"/>.</summary>
    PlanRevised = 8,

    /// <summary><see cref="Messages.DeviationReport"/>.</summary>
    DeviationReport = 9,

    /// <summary><see cref="Messages.ContractClosed"/>.</summary>
    ContractClosed = 10,

    /// <summary><see cref="Messages.ReturnOffered"/>.</summary>
    ReturnOffered = 11,

    /// <summary><see cref="Messages.ReturnAdmitted"/>.</summary>
    ReturnAdmitted = 12,

    /// <summary><see cref="Messages.ReturnDeferred"/>.</summary>
    ReturnDeferred = 13,

    /// <summary><see cref="Messages.JournalPart"/>.</summary>
    JournalPart = 14,

    /// <summary><see cref="Messages.ReturnJudged"/>.</summary>
    ReturnJudged = 15,

    /// <summary><see cref="Messages.CharterEnded"/>.</summary>
    CharterEnded = 17,

    /// <summary><see cref="Messages.HubEnrol"/>.</summary>
    HubEnrol = 20,

    /// <summary><see cref="Messages.Charter"/>.</summary>
    Charter = 21,

    /// <summary><see cref="Messages.BountyPosted"/>.</summary>
    BountyPosted = 22,

    /// <summary><see cref="Messages.CreditsReceived"/>.</summary>
    CreditsReceived = 23,

    /// <summary><see cref="Messages.BountyReport"/>.</summary>
    BountyReport = 24,

    /// <summary><see cref="Messages.RegionDigest"/>.</summary>
    RegionDigest = 25,

    /// <summary><see cref="Messages.BlocksAsked"/>.</summary>
    BlocksAsked = 26,

    /// <summary><see cref="Messages.BlockShown"/>.</summary>
    BlockShown = 27,

    /// <summary><see cref="Messages.NodeRecalled"/>.</summary>
    NodeRecalled = 28,

    /// <summary><see cref="Messages.NodeAssigned"/>.</summary>
    NodeAssigned = 29,

    /// <summary><see cref="Messages.BountyAssigned"/>.</summary>
    BountyAssigned = 30,

    /// <summary><see cref="Messages.CargoTold"/>.</summary>
    CargoTold = 31,

    /// <summary><see cref="Messages.Redirected"/>.</summary>
    Redirected = 32,

    /// <summary><see cref="Messages.Arrived"/>.</summary>
    Arrived = 33,

    /// <summary><see cref="Messages.ExtensionAsked"/>.</summary>
    ExtensionAsked = 34,

    /// <summary><see cref="Messages.ExtensionAnswered"/>.</summary>
    ExtensionAnswered = 35,

    /// <summary><see cref="Messages.ContractCancelled"/>.</summary>
    ContractCancelled = 36,

    /// <summary><see cref="Messages.CancelAnswered"/>.</summary>
    CancelAnswered = 37,

    /// <summary><see cref="Messages.Sounding"/>.</summary>
    Sounding = 38,

    /// <summary><see cref="Messages.SupplyTold"/>.</summary>
    SupplyTold = 39,

    /// <summary><see cref="Messages.LotsReturned"/>.</summary>
    LotsReturned = 40,

    /// <summary><see cref="Messages.LotsRecalled"/>.</summary>
    LotsRecalled = 41,

    /// <summary><see cref="Messages.BountyReduced"/>.</summary>
    BountyReduced = 42,

    /// <summary><see cref="Messages.SitesTold"/>.</summary>
    SitesTold = 43,

    /// <summary><see cref="Messages.SurveyTold"/>.</summary>
    SurveyTold = 44,

    /// <summary><see cref="Messages.HelpAsked"/>.</summary>
    HelpAsked = 45,

    /// <summary><see cref="Messages.HelpEnded"/>.</summary>
    HelpEnded = 46,

    /// <summary><see cref="Messages.Mended"/>.</summary>
    Mended = 47,

    /// <summary><see cref="Messages.RepairTold"/>.</summary>
    RepairTold = 48,

    /// <summary><see cref="Messages.PricedRequests"/>.</summary>
    PricedRequests = 49,

    /// <summary><see cref="Messages.SiteVisits"/>.</summary>
    SiteVisits = 50,

    /// <summary><see cref="Messages.RolloutTold"/>.</summary>
    RolloutTold = 51,

    /// <summary><see cref="Messages.RolloutReport"/>.</summary>
    RolloutReport = 52,

    /// <summary><see cref="Messages.SkillOrder"/>.</summary>
    SkillOrder = 53,

    /// <summary><see cref="Messages.SkillReport"/>.</summary>
    SkillReport = 54,

    /// <summary><see cref="Messages.SkillBytesAsked"/>.</summary>
    SkillBytesAsked = 55,

    /// <summary><see cref="Messages.SkillBytes"/>.</summary>
    SkillBytes = 56,

    /// <summary><see cref="Messages.BirthShare"/>.</summary>
    BirthShare = 57,

    /// <summary><see cref="Messages.BirthAsked"/>.</summary>
    BirthAsked = 58,

    /// <summary><see cref="Messages.BirthLeased"/>.</summary>
    BirthLeased = 59,

    /// <summary><see cref="Messages.Retirement"/>.</summary>
    Retirement = 60,

    /// <summary><see cref="Messages.NodeProbation"/>.</summary>
    NodeProbation = 61,
}
