import JSONWebToken
import StrictJSON
import Testing

@Suite struct TokenSignerTests {
    @Test func vector() throws {
        let signer = TokenSigner()
        let key = SigningKey.hmac(secret: Array("test-key".utf8))
        let t = try signer.sign(["username": "bob", "iat": 1700000000, "exp": 1700086400], key: key, now: 5)
        #expect(t == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImJvYiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDg2NDAwfQ.ImUGs_lysfZXoQyNcfyoTE_y0akk5CjJhQ6PT_NVrwA")
        let v = try TokenVerifier().verify(Array(t.utf8), keys: KeySet([key.verificationKey]), now: 1700000001)
        #expect(v.expiresAt == 1700086400)
    }
}
