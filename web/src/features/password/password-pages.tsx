export function ForgotPasswordPage() {
  return <p>a</p>
}
export function ResetPasswordPage() {
  return <p>a</p>
}
export function VerifyEmailPage() {
  return <p>a</p>
}
