import Yuyan

/// Fits a line with nothing but what `import Yuyan` gives, as a package that depends on Yuyan does.
@main
struct Consumer {
    static func main() {
        // y = 2 x - 3, at 64 places.
        let places = (0..<64).map { Float($0) / 32 - 1 }
        let inputs = Tensor(places).reshaped([64, 1])
        let targets = inputs * 2 - 3

        let line = Linear(inputSize: 1, outputSize: 1)
        let optimizer = SGD(line.parameters(), learningRate: 0.3)
        var last = Double.infinity
        for step in 0..<100 {
            let loss = meanSquaredError(line(inputs), targets)
            optimizer.zeroGradients()
            loss.backward()
            optimizer.step()
            last = loss.item()
            if step % 20 == 0 { print("step \(step), loss \(last)") }
        }
        print("final loss: \(last)")
    }
}
