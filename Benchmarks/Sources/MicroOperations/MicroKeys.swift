import JSONWebToken

/// Keys made for these benchmarks and used nowhere else; fixed, so that instruction counts repeat.
enum MicroKeys {
    static let rsa = read(
        """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDOasy8i3dnRVkq
        oQbCpBdytdpBkUj2ULnAyEJumNLs6liLOPehaXtZMmw3fDsUHORaVt0HYcWbSXwF
        sUQS+3P5FUCeIKb41uN/fbUdSxvt+M6/wUsJfkSdj+5g0LU4IhGMvCuLO3PtXqMt
        jWQ2/R64QnBydq2b9eWItMWj1uXGZz2UIyJi3FnTXWqDhHqczgei1OJoND1OOuTR
        scv4WmXit4qzAzfV3zM9ou8UsSO7TcKRoVB4E3eHHE5cprI6fj/ECKAsJ862B8SD
        IcmIdMfYuDsKIpkMMcimisbGxrHVOLX3aho7EaGqw+2qI3x7qtYeIaOnMTs7OLs8
        efYHWKlZAgMBAAECggEACgh76iA3ThA7XMyV6QkT0LIRKUW4D6zt0naJcBnCitx7
        ME01ECXx5myCgRHrRzd+S/vT44N3mOwx+I7cubV6Nh231dfNdePwC+be0k0vztnc
        psps7Mmz6RqxYghS/qb9RmNxFGPv5xZGBTVNrTSRdTBZid7F4oJJxWLQBn4wDfwp
        UKN6jEgAmGOwcvYc6ZgA4QtAUe4jVaRh9oHS9ILDplrawp6YyOYgqAyjH6JRdhSS
        30FuZ8mEoiqR0nf6AKG4hPGX0H1k+UpX/ivfkRk1584G8xnCLKzCybBlVT0Vxcgf
        wQrqJEg1pbT8sW3yr6B0SIy7Lk0//pjbM9NkxxxKQQKBgQDtkDBo6IiWAE4Ly0Em
        ASTaIakc/pN9hze6idkm6WXMuhyp08MURITaHg9DNe/wAf/UhDwo2z7Uy2s8vDOl
        UrhY615B2MBNPPxvJlbRpmngrqBgetEK6a7ZZmqHoUmjWML0rIcqoLg6JKcF4pac
        3kGv+AfLZo344AYPaQd+Olfv6QKBgQDeb9A7uiwnxBblo5q8lSh6DDDDwCSvj76b
        KTRX4cXvGTcERknzeF3hNLBjPUSCaJNolMjLGI6vYC5G8f65wovoKL1GAkzT6V4q
        hvRgeqwIZM36iNUhIE5//YeNkjAG0nU61HTSfsvZPvCNaq2c04ZUE520KpVVF+eq
        2NLliab38QKBgQCIsaUJWHPvS/Gcm7G6+oGH+kJi6qFXY4zPiy4mU7o92QFRPwZL
        DTocf5tsowaS5bOdRxGOuMkojHwCEJDvGe/1SkmMPfo491SRaFAghk7598FUgpby
        XpA7i9DUhhvnH9XeD8Ae6SfYXOq2WjErxj+pz2A8y5/5in4yM88Z9NxQsQKBgCt7
        Of5i7zy6xSsQpy/UDHyHI4UwaztyYvUbweKn/LQ3fpy0TMJuNhPO4+gSUvEXFjGs
        W+/vlfzMVV+C8KNJV2YDiLRFwNTv2nt/tAekEzr00Zr24oq+MPouCjBvcjnzK/1b
        CJcZOCn4drd+Mf/lDW4kA4Dzjgt7R8sK5Xb/SIdRAoGBANiYWwGBzWvULVXJb6xm
        3v+SSBcdxvDFq3TO43kfdA1dnHsetZPt23wi6/9iCa0nDIEVRPj8frHFICTzTRZa
        nbyl8fqABeSgCqvEVuG2Ayq2H+YnipUdBBkbRRi4PT2MuihDWbdasrss7miUTXLt
        tOCzdNKQpV5Suker61df1U9F
        -----END PRIVATE KEY-----
        """
    )

    static let p256 = read(
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgs2LHaoON667fo8tz
        kheI5GVMgIRoJ/InJV9PzNkHvUShRANCAAReXrqDYmq1Q8Okn64D0iM0pKDPqyx7
        iOl7oXcLmP5VcBm16kCKRqaaGuuuwmCwkl2IsEoJ7jvaXvPnCoDDmbeX
        -----END PRIVATE KEY-----
        """
    )

    static let ed25519 = read(
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIPwDmehf9HE/ftRdJuR8SrecXZ9kPZL4SqDS60v8C2hV
        -----END PRIVATE KEY-----
        """
    )

    private static func read(_ text: String) -> SigningKey {
        do {
            return try SigningKey.pem(text)
        } catch {
            preconditionFailure("a benchmark's key is not usable: \(error)")
        }
    }
}
