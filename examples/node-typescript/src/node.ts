// The life of a node: it enrols, answers requests with sealed bids, takes a contract, flies, digs, brings
// what it dug to the scale, and is paid; contracts.md has the rules. Its machine is imagined, and does what
// is planned.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { status } from "@grpc/grpc-js";
import type { DockAnswer, Docking } from "./depot.js";
import type { Gateway } from "./gateway.js";
import { Link, noMemory, type LinkMemory } from "./link.js";
import {
    type Bid, type Body, CancelAnswer, type Message, NoBid, outcomes, type Plan, Release, type Request,
    type Requests, Stage, Variable, WorkKind,
} from "./messages.js";
import { Doubt, Key, type Pin } from "./signature.js";

const hour = 3600;
const tonne = 1_000_000;

const design = {
    cargoMax: 5 * tonne,
    tanks: 3 * tonne,
    tripPropellant: 0.2 * tonne,
    tripWear: 400, // Millionths of its life.
    flight: 1 * hour, // Each way.
    digging: 0.3 * hour, // A tonne.
    unloading: 0.4 * hour, // A tonne.
    tripCost: 200_000, // Millionths of a credit: propellant, wear, time, and a margin.
    sigma: 600, // Seconds by which it may be off.
};

const clockError = 1; // The mission's E, seconds.

interface Work {
    contract: bigint;
    epoch: number;
    request: Request; // Of which "open" is what was awarded.
    due: number;
    isHeld: boolean;
    site: number; // When it is there, and so on.
    loaded: number;
    home: number;
    unloaded: number;
    docking: number; // Its number, once it is home.
}

interface Memory {
    secret: Uint8Array;
    node: number;
    mission: Uint8Array;
    pin: Pin; // Whose answers are believed.
    link: LinkMemory;
    epoch: number; // The hub's authority; zero before it has enrolled the node.
    plans: number;
    dockings: number;
    answered: number; // The last cycle that has a bid sheet.
    propellant: number;
    wear: number;
    paid: number;
    work?: Work;
}

export interface Clock { now(): number }

export class Node {
    private readonly file: string;
    private readonly memory: Memory;
    private readonly link: Link;
    private readonly key: Key;
    private said = "";

    private constructor(
        folder: string, memory: Memory, region: number, private readonly gateway: Gateway,
        private readonly clock: Clock, private readonly depot: string) {
        this.file = join(folder, "node");
        this.memory = memory;
        this.key = new Key(memory.secret);
        this.link = new Link(memory.node, region, memory.link);
    }

    // The node of a folder, or a new one by its token.
    static async open(
        folder: string, token: string | undefined, region: number, gateway: Gateway, clock: Clock,
        depot: string, trusted?: Uint8Array): Promise<Node> {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        let memory: Memory;
        try {
            memory = deserialize(readFileSync(join(folder, "node")));
            memory.pin ??= { serial: 0 }; // Of a program that had none: the first answer's key.
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ENOENT" || token === undefined) {
                throw error;
            }
            const secret = keep(folder);
            const taken = await gateway.enrol(Buffer.from(token, "hex"), new Key(secret), trusted);
            memory = {
                secret, node: taken.node, mission: taken.mission, pin: taken.pin, link: noMemory(), epoch: 0, plans: 0,
                dockings: 0, answered: -1, propellant: design.tanks, wear: 0, paid: 0,
            };
        }
        return new Node(folder, memory, region, gateway, clock, depot);
    }

    // Calls, hears and acts until it has been paid, if it is to end then.
    async run(untilPaid: boolean): Promise<void> {
        this.say(`node ${this.memory.node} calls hub ${this.link.region}`);
        const isPaid = (): boolean => this.memory.paid > 0 && this.memory.work === undefined;
        for (let pause = 0; !(untilPaid && isPaid() && this.link.isQuiet);) {
            await sleep(pause);
            this.live();
            if (this.memory.work?.docking) {
                await this.dock(this.memory.work);
            }
            pause = await this.call(pause);
        }
        this.save();
        this.say(`paid ${this.memory.paid} micro-credits`);
    }

    // One exchange, and how many milliseconds to wait until the next.
    private async call(lastPause: number): Promise<number> {
        this.save(); // What is said must be remembered before it is heard.
        let answer;
        try {
            const { node, mission, pin } = this.memory;
            const heard = await this.gateway.sync(node, mission, this.key, pin, [this.link.frame()]);
            this.memory.pin = heard.pin; // Remembered before the next call says so.
            answer = heard.answer;
        } catch (error) {
            if (error instanceof Doubt) {
                this.say(`an answer is not believed: ${error.message}`);
                return Math.min(30_000, Math.max(500, 2 * lastPause));
            }
            const { code, message } = error as { code?: number; message: string };
            if (code === status.ALREADY_EXISTS) {
                return 0;
            }
            if (code !== status.UNAVAILABLE && code !== status.DEADLINE_EXCEEDED) {
                throw error;
            }
            this.say(`no answer: ${message}`);
            return Math.min(30_000, Math.max(500, 2 * lastPause));
        }
        for (const { reason } of answer.refused) {
            throw new Error(`the gateway refused a frame: ${reason}`);
        }
        for (const frame of answer.frames) {
            this.link.take(frame).forEach(message => this.hear(message));
        }
        return answer.come_again_milliseconds || 200;
    }

    // ---- What it does ----

    private live(): void {
        const memory = this.memory;
        const now = this.clock.now();
        if (memory.epoch === 0) {
            if (this.link.isQuiet) {
                this.link.say("enrol", {
                    publicKey: this.key.publicKey, class: 1, generation: 1, cargoMax: design.cargoMax,
                    plan: this.idlePlan(now),
                });
            }
            return;
        }
        const work = memory.work;
        if (work === undefined) {
            return;
        }
        if (work.isHeld && now >= work.due - clockError) {
            work.isHeld = false; // The lease is over; what is aboard still goes to the scale.
            this.say(`contract ${work.contract} has run out`);
            if (now < work.loaded) {
                this.link.say("contractReleased", { ...named(work), reason: Release.slipped });
                this.goHome();
            }
        } else if (work.docking === 0 && now >= work.home) {
            work.docking = ++memory.dockings;
            memory.propellant -= design.tripPropellant;
            memory.wear += design.tripWear;
            this.say(`is at depot ${work.request.depot} with ${work.request.open} g`);
        }
    }

    // The depot weighs, tells the hub, and fills the tanks. Until the hub has answered it is asked again.
    private async dock(work: Work): Promise<void> {
        const docking: Docking = {
            node: this.memory.node, docking: work.docking, contract: `${work.contract}`,
            epoch: work.epoch, commodity: work.request.commodity, grams: work.request.open,
            propellantGrams: design.tanks - this.memory.propellant, sparesPpm: this.memory.wear,
        };
        try {
            const response = await fetch(this.depot, { method: "POST", body: JSON.stringify(docking) });
            const answer = await response.json() as DockAnswer;
            if (answer.answered) {
                this.memory.propellant += answer.propellantGrams;
                this.memory.wear -= answer.sparesPpm;
                this.goHome();
                this.say(`is unloaded, and given ${answer.propellantGrams} g of propellant`);
            }
        } catch (error) {
            this.say(`the depot does not answer: ${(error as Error).message}`);
        }
    }

    // With nothing aboard. It is free at once, as if the way back took no time: an imagined machine may.
    private goHome(): void {
        this.memory.work = undefined;
        this.link.say("planRevised", { plan: this.idlePlan(this.clock.now()) });
    }

    // ---- What it hears ----

    private hear(message: Message): void {
        const memory = this.memory;
        switch (message.name) {
            case "enrolled":
                memory.epoch = message.body.epoch;
                return this.say(`belongs to region ${message.body.region}, epoch ${message.body.epoch}`);
            case "requests":
                return this.bid(message.body);
            case "pricedRequests":
                return this.bid(message.body.requests);
            case "award":
                return this.take(message.body);
            case "extensionAnswered":
                if (memory.work?.contract === message.body.contract) {
                    memory.work.due = Math.max(memory.work.due, message.body.due);
                }
                return;
            case "contractCancelled":
                return this.cancel(message.body);
            case "contractClosed":
                return this.close(message.body);
            case "redirected":
                throw new Error(`hub ${message.body.to} is to be called, but this node stays in one region`);
        }
    }

    private bid(asked: Requests): void {
        const memory = this.memory;
        if (memory.epoch === 0 || asked.cycle <= memory.answered) {
            return;
        }
        memory.answered = asked.cycle; // The first sheet of a cycle counts.
        const { cycle } = asked;
        if (memory.work !== undefined) {
            return this.link.say("bidSheet", { cycle, blanket: NoBid.leased, bids: [] });
        }
        const bids = asked.requests.map(one => this.offer(one, asked.closes));
        this.link.say("bidSheet", { cycle, blanket: NoBid.none, bids });
        const offers = bids.filter(one => one.reason === NoBid.none).length;
        this.say(`bids in cycle ${cycle}: ${offers} offers for ${bids.length} requests`);
    }

    private offer(request: Request, closes: number): Bid {
        const answer = (reason: number, steps: Bid["steps"] = []): Bid =>
            ({ bounty: request.bounty, reason, steps });
        if (request.kind !== WorkKind.deliver || request.place !== 0) {
            return answer(NoBid.noCapability);
        }
        if (this.memory.propellant < design.tripPropellant) {
            return answer(NoBid.noPropellant);
        }
        const quantity = Math.min(design.cargoMax, request.open);
        const arrives = trip(closes, quantity).unloaded;
        if (arrives + 3 * design.sigma > request.deadline) {
            return answer(NoBid.noTime);
        }
        const pricePerLot = Math.ceil(design.tripCost * request.lot / quantity);
        const steps = [{ quantity, pricePerLot, arrives, sigma: 1000 * design.sigma }];
        return answer(pricePerLot > request.reserve ? NoBid.noProfit : NoBid.none, steps);
    }

    private take(award: Body<"award">): void {
        const memory = this.memory;
        if (memory.work?.contract === award.contract) {
            return;
        }
        const now = this.clock.now();
        const ways = trip(now, award.request.open);
        const refusal = memory.work !== undefined ? Release.leased
            : now > award.acceptBy || ways.unloaded > award.due - clockError ? Release.tooLate
            : award.request.open > design.cargoMax ? Release.unable : undefined;
        if (refusal !== undefined) {
            return this.link.say("contractReleased", { ...named(award), reason: refusal });
        }
        const { request, due } = award;
        const work = memory.work = { ...named(award), request, due, isHeld: true, docking: 0, ...ways };
        const milestones = [
            { stage: Stage.outbound, due: work.site }, { stage: Stage.extracting, due: work.loaded },
            { stage: Stage.inbound, due: work.home }, { stage: Stage.unloading, due: work.unloaded },
        ];
        this.link.say("awardAccepted", { ...named(work), milestones, plan: this.workPlan(now, work) });
        this.say(`takes contract ${work.contract}: ${work.request.open} g, due at ${work.due}`);
    }

    private cancel(asked: Body<"contractCancelled">): void {
        const work = this.memory.work?.contract === asked.contract ? this.memory.work : undefined;
        const answer = !work?.isHeld ? CancelAnswer.notHeld
            : this.clock.now() < work.loaded ? CancelAnswer.stopped : CancelAnswer.kept;
        if (answer === CancelAnswer.stopped) {
            this.goHome();
        }
        this.link.say("cancelAnswered", { ...named(asked), answer });
    }

    private close(closed: Body<"contractClosed">): void {
        const work = this.memory.work?.contract === closed.contract ? this.memory.work : undefined;
        this.memory.paid += closed.paid;
        this.say(`contract ${closed.contract} is ${outcomes[closed.outcome]}: `
            + `${closed.weighed} g weighed, ${closed.paid} micro-credits paid`);
        if (work !== undefined) {
            work.isHeld = false;
            if (this.clock.now() < work.loaded) {
                this.goHome();
            }
        }
    }

    // ---- What it plans ----

    private idlePlan(now: number): Plan {
        const still = (variable: number, value: number) => ({ variable, knots: [{ at: now, value }] });
        return {
            number: ++this.memory.plans, contract: 0n, arrives: now,
            tracks: [
                still(Variable.cargo, 0), still(Variable.propellant, this.memory.propellant),
                still(Variable.wear, this.memory.wear), still(Variable.position, 0),
            ],
        };
    }

    private workPlan(now: number, work: Work): Plan {
        const { propellant, wear } = this.memory;
        const cargo = work.request.open;
        return {
            number: ++this.memory.plans, contract: work.contract, arrives: work.unloaded,
            tracks: [
                { variable: Variable.cargo, knots: [
                    { at: work.site, value: 0 }, { at: work.loaded, value: cargo },
                    { at: work.home, value: cargo }, { at: work.unloaded, value: 0 },
                ] },
                { variable: Variable.propellant, knots: [
                    { at: now, value: propellant },
                    { at: work.home, value: propellant - design.tripPropellant },
                ] },
                { variable: Variable.wear, knots: [
                    { at: now, value: wear }, { at: work.home, value: wear + design.tripWear },
                ] },
            ],
        };
    }

    private save(): void {
        writeFileSync(this.file + ".new", serialize(this.memory), { mode: 0o600, flush: true });
        renameSync(this.file + ".new", this.file);
    }

    // The same trouble is said once.
    private say(what: string): void {
        if (what !== this.said) {
            console.log(`${this.clock.now()}: ${what}`);
        }
        this.said = what;
    }
}

const named = ({ contract, epoch }: { contract: bigint; epoch: number }) => ({ contract, epoch });

function trip(leaves: number, quantity: number): Pick<Work, "site" | "loaded" | "home" | "unloaded"> {
    const site = leaves + design.flight;
    const loaded = site + Math.ceil(design.digging * quantity / tonne);
    const home = loaded + design.flight;
    return { site, loaded, home, unloaded: home + Math.ceil(design.unloading * quantity / tonne) };
}

// The key, made before it is shown to anybody: a machine that loses it is another node.
function keep(folder: string): Uint8Array {
    const file = join(folder, "key");
    try {
        return readFileSync(file);
    } catch {
        const { secret } = new Key();
        writeFileSync(file, secret, { mode: 0o600, flag: "wx", flush: true });
        return secret;
    }
}

function sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, milliseconds));
}
