import Foundation
import Yuyan

/// Control: an environment that remembers. A boiler is held at 93 °C by a look at the error, its past and its trend.
let control: Lab = Lab(
    "control", "Control: a coffee boiler", "控制：咖啡锅炉",
    book: "4.9", note: .multilayerPerceptrons, part: "5.3",
    claims: [
        // T ← T + (q − k(T − 20))/C: a difference shrinks by 1 − k/C each second.
        Claim(
            "memory", "two boilers, 10 °C apart: difference after a minute of the same heating",
            "两个相差 10 °C 的锅炉，同样加热一分钟后的温差 (°C)", .exactly(10 * pow(1 - 3.0 / 1600, 60))),
        // Where P K_p e = k(93 − e − 20), the heat that P alone gives is just what is lost.
        Claim(
            "offset", "P alone stays below 93 °C by k · 73/(P K_p + k)", "只用 P 时始终比 93 °C 低 k · 73/(P K_p + k) (°C)",
            .near(3 * 73 / 203.0, margin: 0.01)),
        Claim("settled", "PID: largest error after 4 minutes, °C", "PID：4 分钟以后的最大误差 (°C)", .below(0.5)),
        Claim(
            "recovered", "PID: largest error from 2 minutes after cold water on, °C", "PID：加入冷水 2 分钟以后的最大误差 (°C)",
            .below(0.5)),
        Claim("overshoot", "D takes away overshoot: PID's in parts of PI's", "D 减小超调：PID 与 PI 的超调之比", .below(0.7)),
    ],
    figures: ["temperature", "heating"]
) { lab in
    // 1 kW at most; k = 3 W are lost for each degree above the room; C = 1600 J warm the boiler by one. The heating
    // element takes 20 s to follow. Time goes in seconds.
    struct Boiler {
        var temperature = 20.0
        var heat = 0.0
        mutating func step(power: Double) {
            heat += (1000 * power - heat) / 20
            temperature += (heat - 3 * (temperature - 20)) / 1600
        }
    }

    // What is done now works on later: two boilers that are treated alike do not forget that they began apart.
    var (cold, warm) = (Boiler(), Boiler(temperature: 30))
    for _ in 1...60 {
        cold.step(power: 0.5)
        warm.step(power: 0.5)
    }
    lab.say(
        "A boiler remembers: two of them that begin at 20 and 30 °C are \(warm.temperature - cold.temperature, decimals: 2) °C apart after a minute of the same heating. Each action changes what the next one meets.",
        "锅炉会“记忆”：起初为 20 °C 和 30 °C 的两个锅炉，同样加热一分钟后仍相差 \(warm.temperature - cold.temperature, decimals: 2) °C。每个动作都改变下一个动作所面对的情况。"
    )
    lab.check("memory", warm.temperature - cold.temperature)

    // u = K_p e + K_i ∫e + K_d ė, as a part of the full power. The integral waits while the heater can do no more.
    func run(_ kp: Double, _ ki: Double, _ kd: Double) -> (temperatures: [Double], powers: [Double]) {
        var boiler = Boiler()
        var (integral, previous) = (0.0, 93 - boiler.temperature)
        var (temperatures, powers): ([Double], [Double]) = ([], [])
        for second in 0..<900 {
            // Somebody pours in cold water.
            if second == 450 { boiler.temperature -= 6 }
            let error = 93 - boiler.temperature
            let wanted = kp * error + ki * (integral + error) + kd * (error - previous)
            let power = min(max(wanted, 0), 1)
            if power == wanted { integral += error }
            previous = error
            boiler.step(power: power)
            temperatures.append(boiler.temperature)
            powers.append(power)
        }
        return (temperatures, powers)
    }
    let runs = [("P", run(0.2, 0, 0)), ("PI", run(0.2, 0.002, 0)), ("PID", run(0.2, 0.002, 2))]
    let places = Array(stride(from: 0, to: 900, by: 6))
    func curves(_ values: (Int) -> [Double]) -> [Curve] {
        runs.indices.map { run in
            Curve(runs[run].0, x: places.map(Double.init), y: places.map { values(run)[$0] })
        }
    }
    lab.show("temperature") { t in
        .curves(
            t("Heating to 93 °C, and cold water after 450 s", "加热到 93 °C，450 s 时加入冷水"),
            curves { runs[$0].1.temperatures },
            x: Axis(t("time (s)", "时间 (s)")), y: Axis(t("temperature (°C)", "温度 (°C)"), range: 80...98))
    }
    lab.show("heating") { t in
        .curves(
            t("What the controllers do", "控制器的动作"), curves { runs[$0].1.powers }, x: Axis(t("time (s)", "时间 (s)")),
            y: Axis(t("part of full power", "占满功率的比例")))
    }
    let tops = runs.map { $0.1.temperatures[..<450].max()! - 93 }
    let offsets = runs.map { 93 - $0.1.temperatures[449] }
    lab.table(
        [
            Words("controller", "控制器"), Words("overshoot, °C", "超调 (°C)"),
            Words("below 93 °C after 450 s", "450 s 后低于 93 °C"),
        ],
        runs.indices.map { [Words(runs[$0].0, runs[$0].0), "\(tops[$0], decimals: 2)", "\(offsets[$0], decimals: 2)"] })
    lab.say(
        "P heats by the error alone: it needs an error to go on heating, and never gets there. The integral I adds up what is missing and closes the gap; the trend D brakes in time.",
        "P 只按误差加热：没有误差就不加热，所以永远到不了目标。积分 I 把欠缺的部分累积起来，补上差距；微分 D 看趋势，及时刹车。")
    lab.check("offset", 93 - runs[0].1.temperatures[899])
    func largestError(_ seconds: Range<Int>) -> Double { runs[2].1.temperatures[seconds].map { abs($0 - 93) }.max()! }
    lab.check("settled", largestError(240..<450))
    lab.check("recovered", largestError(570..<900))
    lab.check("overshoot", tops[2] / tops[1])
}
