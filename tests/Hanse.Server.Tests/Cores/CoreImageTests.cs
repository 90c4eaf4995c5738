using System.Threading.Tasks;
using Hanse.Core.Messages;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>Real agents whose core is replaced over a real gateway by images that do not work, of which each
/// ends with the one before.</summary>
public sealed class CoreImageTests(ITestOutputHelper output)
{
    private const string Runs = "exec dotnet \"$(dirname \"$0\")/hanse.dll\" \"$@\"\n";
    private const string Exits = "#!/bin/sh\n[ \"$1\" = agent ] && exit 9\n" + Runs;
    private const string Hangs = "#!/bin/sh\n[ \"$1\" = agent ] && exec sleep 600\n" + Runs;
    private const string Differs =
        "#!/bin/sh\n[ \"$1\" = core ] && echo standing 0 decisions 0 otherwise 0 batches 1 && exit\n"
        + Runs;

    // It decides for some turns of the machine, however long they take here.
    private const string Crashes = """
        #!/bin/sh
        if [ "$1" = agent ]; then
            exec 3<&0
            dotnet "$(dirname "$0")/hanse.dll" "$@" <&3 &
            until [ "$(cat "$(dirname "$0")/../alive" || echo 0)" -ge 4 ]; do sleep 0.2; done 2>/dev/null
            kill -9 $!
            exit 9
        fi

        """ + Runs;

    [Fact]
    public async Task Images_that_do_not_work_end_with_the_one_before_and_the_node_goes_on()
    {
        await using var cores = new CoreMission(output);
        await cores.StartAsync();
        Parcel first = cores.Maker.Push("1.0.0", "hanse", Exits);
        await cores.OrderAsync(1, first, signatures: 1);
        await SmallMission.Until(
            () => Task.FromResult(cores.Mission.HasRefused("RolloutNotSigned")), "one operator is too few");
        Assert.Equal(0, await cores.Mission.Plane.AskAsync(
            cores.Mission.Region, hub => hub.Errands.Count));
        await cores.EndsAsync(1, first, SkillState.Refused, SkillReason.NotStarted);
        await cores.EndsAsync(
            2, cores.Maker.Push("1.1.0", "lone.json", "{}", role: "lone"), SkillState.Refused,
            SkillReason.NotAdmitted);
        await cores.EndsAsync(
            3, cores.Maker.Push("1.2.0", "hanse", Differs), SkillState.Refused, SkillReason.Diverges);
        await cores.EndsAsync(
            4, cores.Maker.Push("1.3.0", "hanse", Hangs), SkillState.Refused, SkillReason.NotStarted);
        await cores.EndsAsync(
            5, cores.Maker.Push("1.4.0", "hanse", Crashes), SkillState.RolledBack, SkillReason.NotStarted);
        await cores.StopAsync();

        // Only the one that came up was ever attested, and the installed one after it.
        Assert.Equal(
            [cores.Installed, cores.Ordered[^1], cores.Installed], await cores.AttestedAsync());
        await cores.NobodyIsBlamedAsync();
    }
}
