using Hanse.Core.Identity;
using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Skills;
using Hanse.Skills;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Cli.Releases;

/// <summary>Runs releases in the sandbox, on a thread with a roomy stack, and loads each when it is first
/// asked.</summary>
/// <remarks>
/// A machine asks for a release as soon as it is rebuilt, and one that is not ready then is at fault. So what
/// its memory says was admitted is made ready in the middle of the first question, from what the compiler
/// made of it before. What cannot be made ready gives no answer, and the machine decides itself. Whoever asks
/// waits for the thread: a decision is some microseconds; a module that has to be compiled anew takes up to
/// <see cref="CompileWorker.TimeMax"/>, once.
/// </remarks>
internal sealed class LoadedReleases : ISkills, IDisposable
{
    private readonly Func<Digest, Skill?> _load;
    private readonly SkillWorkers _workers = new(1);
    private readonly SandboxSkills _sandbox = new(SkillBudget.Decision);

    // Touched on the one thread only. Null for what could not be loaded.
    private readonly Dictionary<Digest, Skill?> _known = [];

    /// <summary>Nothing is loaded.</summary>
    /// <param name="load">Makes a release ready; null when that cannot be.</param>
    public LoadedReleases(Func<Digest, Skill?> load) => _load = load;

    /// <inheritdoc/>
    public int Abi => SkillAbi.Version;

    /// <inheritdoc/>
    public SkillAnswer Run(
        Digest release, CoreFunction function, MachineKind kind, ReadOnlyMemory<byte> question) =>
        On(() =>
        {
            if (!_known.ContainsKey(release))
            {
                Take(release, _load(release));
            }

            return _sandbox.Run(release, function, kind, question);
        });

    /// <summary>A release is ready: it was admitted.</summary>
    public void Put(Digest release, Skill skill) => On(() =>
    {
        Drop(release);
        Take(release, skill);
        return true;
    });

    /// <summary>A release will not be asked again.</summary>
    public void Forget(Digest release) => On(() =>
    {
        Drop(release);
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        foreach (Skill? skill in _known.Values)
        {
            skill?.Dispose();
        }
    }

    private T On<T>(Func<T> work) => _workers.Run(work).GetAwaiter().GetResult();

    private void Take(Digest release, Skill? skill)
    {
        _known[release] = skill;
        if (skill is not null)
        {
            _sandbox.Load(release, skill);
        }
    }

    private void Drop(Digest release)
    {
        _sandbox.Unload(release);
        if (_known.Remove(release, out Skill? skill))
        {
            skill?.Dispose();
        }
    }
}
