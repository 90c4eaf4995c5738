using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace Hanse.Skills;

/// <summary>Threads with stacks that are roomy enough for what runs in the sandbox.</summary>
/// <remarks>A module may use <see cref="SkillEngine.StackBytes"/> of the stack of the thread that calls it.
/// If that has less, its overflow is the process's end and not the module's. Limit: <see cref="WaitingMax"/>
/// calls wait; a further one waits for a place.</remarks>
public sealed class SkillWorkers : IDisposable
{
    /// <summary>Most calls that wait for a thread.</summary>
    public const int WaitingMax = 1_024;

    private const int StackBytes = 4 * 1024 * 1024;

    private readonly BlockingCollection<Action> _waiting = new(WaitingMax);
    private readonly Thread[] _threads;

    /// <summary>Starts threads.</summary>
    /// <param name="threads">How many; at least one.</param>
    public SkillWorkers(int threads)
    {
        _threads = new Thread[Math.Max(1, threads)];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work, StackBytes) { IsBackground = true, Name = $"skill {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Does something on one of them.</summary>
    public Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
#pragma warning disable CA1031 // Whoever waits for it is told, whatever it is.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    /// <summary>Ends them when what waits is done.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _waiting.Dispose();
    }

    private void Work()
    {
        foreach (Action work in _waiting.GetConsumingEnumerable())
        {
            work();
        }
    }
}
