extension Backend {
    package func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: UnaryOperation?
    ) -> DeviceBuffer {
        throughReference([a, b, bias]) {
            $0.matmul(
                $1[0]!, $1[1]!, transposeA: transposeA, transposeB: transposeB, bias: $1[2], activation: activation)
        }
    }

    package func prepare(_ kind: LinearAlgebraKind) throws(MissingLibraryError) {}

    package func linearAlgebra(_ kind: LinearAlgebraKind, _ operands: [DeviceBuffer], _ options: TriangularOptions)
        -> [DeviceBuffer]
    {
        throughReference(operands) { $0.linearAlgebra(kind, $1.compactMap { $0 }, options) }.compactMap { $0 }
    }

    package func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry, activation: UnaryOperation?
    ) -> DeviceBuffer {
        throughReference([input, weight, bias]) {
            $0.convolution(
                $1[0]!, $1[1]!, bias: $1[2], outputShape: outputShape, geometry, activation: activation)
        }
    }

    package func convolutionInputGradient(
        _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
    ) -> DeviceBuffer {
        throughReference([gradient, weight]) {
            $0.convolutionInputGradient($1[0]!, $1[1]!, inputShape: inputShape, geometry)
        }
    }

    package func convolutionWeightGradient(
        _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
        includesBias: Bool
    ) -> (weight: DeviceBuffer, bias: DeviceBuffer?) {
        let results = throughReference([gradient, input]) { reference, operands in
            let found = reference.convolutionWeightGradient(
                operands[0]!, operands[1]!, weightShape: weightShape, geometry, includesBias: includesBias)
            return [found.weight, found.bias]
        }
        return (results[0]!, results[1])
    }
}
