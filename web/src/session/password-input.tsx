import { Eye, EyeOff } from 'lucide-react';
import { type InputHTMLAttributes, useState } from 'react';
import { useT } from '../i18n';
import { IconButton } from '../ui/button';

export function PasswordInput(props: InputHTMLAttributes<HTMLInputElement>) {
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <input {...props} type={shown ? 'text' : 'password'} className="control pr-10!" />
      <IconButton
        icon={shown ? EyeOff : Eye}
        label={shown ? t.session.hidePassword : t.session.showPassword}
        size="sm"
        className="absolute! right-0.5 top-1/2 -translate-y-1/2"
        onClick={() => setShown(!shown)}
      />
    </div>
  );
}
